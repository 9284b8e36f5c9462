/**
 * For the file that Control Hub exports under Users, Manage users, Export. It has no column that never changes, so it cannot
 * take anything from users. Source of the columns: Cisco's "Control Hub user management CSV file reference".
 */
export const CONTROL_HUB_CSV = `# Users as Control Hub exports them: Users > Manage users > Export.
# Users are recognized by their address, because the file has no column that never changes.
version: 1
name: control-hub-csv
source: { kind: FILE }
user:
  emails: { from: User ID/Email (Required), lower: true }
  firstName: First Name
  lastName: Last Name
  displayName: Display Name
  title: Title
  department: Department
  manager: { from: Manager, by: EMAIL }
  phoneNumbers: Phone Number
`;

/** The names of SCIM's schemas, under which extensions stand in a resource. */
export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const CISCO_USER = 'urn:scim:schemas:extension:cisco:webexidentity:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const CISCO_GROUP = 'urn:scim:schemas:extension:cisco:webexidentity:2.0:Group';
export const CISCO_MEMBERS = 'urn:scim:schemas:extension:cisco:webexidentity:2.0:GroupMembers';
export const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

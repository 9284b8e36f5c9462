import { z } from 'zod';

const phoneNumber = z.object({ type: z.string(), value: z.string(), primary: z.boolean().optional() });

const address = z.object({
  type: z.string().optional(),
  country: z.string().optional(),
  locality: z.string().optional(),
  region: z.string().optional(),
  streetAddress: z.string().optional(),
  postalCode: z.string().optional(),
});

const fields = {
  phoneNumbers: z.array(phoneNumber).optional(),
  extension: z.string().optional(),
  locationId: z.string().optional(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  avatar: z.string().optional(),
  roles: z.array(z.string()).optional(),
  licenses: z.array(z.string()).optional(),
  department: z.string().optional(),
  manager: z.string().optional(),
  managerId: z.string().optional(),
  title: z.string().optional(),
  addresses: z.array(address).optional(),
  siteUrls: z.array(z.string()).optional(),
};

/** The body of POST /people; what is not listed is ignored. */
export const newPersonBody = z.object({
  ...fields,
  emails: z.array(z.email()).min(1),
  displayName: z.string().optional(),
  orgId: z.string().optional(),
});

/** The body of PUT /people/:id. Only displayName is demanded; all else that is left out is another matter. */
export const personBody = z.object({
  ...fields,
  emails: z.array(z.email()).min(1).optional(),
  displayName: z.string().min(1),
  loginEnabled: z.boolean().optional(),
});

export type NewPersonBody = z.infer<typeof newPersonBody>;
export type PersonBody = z.infer<typeof personBody>;

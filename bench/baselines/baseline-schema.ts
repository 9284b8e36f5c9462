/** What the queries of the bench need of a schema, in our gateway's names. */
export const BASELINE_SCHEMA = /* GraphQL */ `
  scalar EmailAddress
  type Query { connector(name: String): Connector! }
  type Connector {
    users(first: Int = 100, after: String): Users!
    user(id: ID, email: EmailAddress): User
    groups(first: Int = 100): Groups!
  }
  type Users { nodes: [User!]! pageInfo: PageInfo! }
  type Groups { nodes: [Group!]! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type User {
    id: ID! webexId: String! displayName: String emails: [String!]! title: String department: String
    licenses: [License!]! roles: [Role!]! groups: [Group!]!
  }
  type License { name: String! }
  type Role { name: String! }
  type Group { displayName: String! members(first: Int = 100): Members! }
  type Members { nodes: [User!]! }
`;

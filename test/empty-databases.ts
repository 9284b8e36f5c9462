import { prepareEmptyDatabases } from './databases.ts';

/** Runs once before all tests: the processes that they run in would all make the empty database at the same time. */
export default prepareEmptyDatabases;

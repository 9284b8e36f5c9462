import { describeNothingUnseen } from '../nothing-unseen.ts';

// All variants: npm run soak.
describeNothingUnseen('few');

import { describeNothingUnseen } from '../nothing-unseen.ts';

describeNothingUnseen('all');

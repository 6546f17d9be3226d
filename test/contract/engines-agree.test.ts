import { describeAgreement } from './engines-agree.ts';

describeAgreement('cpu');

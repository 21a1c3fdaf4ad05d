import { configure } from '@testing-library/react-native';

// The default of one second is too short for the first screen on a busy machine, because React Native loads each component
// at its first use. Must be shorter than Jest's timeout, whose message does not say which element is missing.
configure({ asyncUtilTimeout: 200_000 });

import { configure } from '@testing-library/react-native';

// A wait of Testing Library ends after one second by default. The first screen takes longer than that on a busy machine,
// because React Native loads each of its components at its first use. Ends before Jest does, which would not say what is missing.
configure({ asyncUtilTimeout: 200_000 });

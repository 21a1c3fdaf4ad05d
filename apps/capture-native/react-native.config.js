/** iOS reads barcodes itself. Its part of this library would add Google's ML Kit to the app. */
module.exports = {
  dependencies: { 'react-native-vision-camera-barcode-scanner': { platforms: { ios: null } } },
};

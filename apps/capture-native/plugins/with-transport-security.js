const { withAndroidManifest, AndroidConfig } = require('expo/config-plugins');
const { readSettings } = require('../settings.js');

/** Android refuses plain HTTP, except in a build for development. */
module.exports = (config) =>
  withAndroidManifest(config, (modded) => {
    const { environment } = readSettings(process.env);
    const application = AndroidConfig.Manifest.getMainApplicationOrThrow(modded.modResults);
    application.$['android:usesCleartextTraffic'] = environment === 'dev' ? 'true' : 'false';
    return modded;
  });

const { withAndroidManifest, AndroidConfig } = require('expo/config-plugins');
const { readSettings } = require('../settings.js');

/** Makes Android refuse plain HTTP, except in development builds. */
module.exports = (config) =>
  withAndroidManifest(config, (modded) => {
    const { environment } = readSettings(process.env);
    const application = AndroidConfig.Manifest.getMainApplicationOrThrow(modded.modResults);
    application.$['android:usesCleartextTraffic'] = environment === 'dev' ? 'true' : 'false';
    return modded;
  });

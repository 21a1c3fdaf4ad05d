const { withAndroidManifest, AndroidConfig } = require('expo/config-plugins');

/** ML Kit finds the server for the reports of its use through this service, and by its code does not need it to read barcodes. Not seen on a phone. */
const service = 'com.google.android.datatransport.runtime.backends.TransportBackendDiscovery';

/** Removes the service, which Gradle would merge from the manifest of ML Kit. */
module.exports = (config) =>
  withAndroidManifest(config, (modded) => {
    const manifest = AndroidConfig.Manifest.ensureToolsAvailable(modded.modResults);
    const application = AndroidConfig.Manifest.getMainApplicationOrThrow(manifest);
    application.service = [
      ...(application.service ?? []).filter((entry) => entry.$['android:name'] !== service),
      { $: { 'android:name': service, 'tools:node': 'remove' } },
    ];
    return { ...modded, modResults: manifest };
  });

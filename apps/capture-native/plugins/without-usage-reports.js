const { withAndroidManifest, AndroidConfig } = require('expo/config-plugins');

/**
 * Through this service, ML Kit finds the server for its usage reports. According to its code, it reads barcodes without the
 * service. This has not been tried on a phone.
 */
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

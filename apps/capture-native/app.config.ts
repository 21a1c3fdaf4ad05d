import type { ConfigContext, ExpoConfig } from 'expo/config';
import packageJson from './package.json';
import { readSettings } from './settings.js';

const reasons = {
  camera: 'Spinbay uses the camera to take photos of your vehicles.',
  gallery: 'Spinbay can save a photo that could not be sent to your photo library.',
};

/** All that differs between environments and installations comes from SPINBAY_NATIVE_*: see docs/capture-native.md. */
export default function appConfig({ config }: ConfigContext): ExpoConfig {
  const { environment, apiUrl, orgId, siteId, appId, version } = readSettings(process.env);
  const isProduction = environment === 'production';
  const isDev = environment === 'dev';
  const id = isProduction ? appId : `${appId}.${environment}`;
  return {
    ...config,
    name: isProduction ? 'Spinbay' : `Spinbay ${environment}`,
    slug: 'spinbay-capture',
    version: version ?? packageJson.version,
    // A QR code of the portal opens the app: spinbay://enrol?...
    scheme: 'spinbay',
    platforms: ['ios', 'android'],
    orientation: 'default',
    userInterfaceStyle: 'automatic',
    icon: '../capture/public/icon-512.png',
    ios: {
      bundleIdentifier: id,
      supportsTablet: true,
      infoPlist: {
        NSCameraUsageDescription: reasons.camera,
        NSPhotoLibraryAddUsageDescription: reasons.gallery,
        // Only development builds may connect without TLS.
        NSAppTransportSecurity: isDev ? { NSAllowsLocalNetworking: true } : {},
        ITSAppUsesNonExemptEncryption: false,
      },
    },
    android: {
      package: id,
      adaptiveIcon: { foregroundImage: '../capture/public/icon-512.png', backgroundColor: '#0d6786' },
      permissions: ['android.permission.CAMERA'],
      // Libraries request these. The app records no sound, reads no other photos and counts no steps.
      blockedPermissions: [
        'android.permission.ACTIVITY_RECOGNITION',
        'android.permission.RECORD_AUDIO',
        'android.permission.READ_EXTERNAL_STORAGE',
        'android.permission.READ_MEDIA_IMAGES',
        'android.permission.READ_MEDIA_VIDEO',
        'android.permission.READ_MEDIA_AUDIO',
        'android.permission.READ_MEDIA_VISUAL_USER_SELECTED',
        'android.permission.SYSTEM_ALERT_WINDOW',
      ],
    },
    plugins: [
      './plugins/with-transport-security.js',
      './plugins/without-usage-reports.js',
      ['expo-secure-store', { faceIDPermission: false }],
      [
        'expo-media-library',
        { photosPermission: false, savePhotosPermission: reasons.gallery, granularPermissions: [] },
      ],
      ['expo-sensors', { motionPermission: false }],
      'expo-background-task',
      'expo-sqlite',
      '@kesha-antonov/react-native-background-downloader',
    ],
    // The paths of tsconfig.json are for types alone: they map react to its type declarations. metro.config.js resolves
    // imports.
    experiments: { tsconfigPaths: false },
    // Omitted instead of null, which Expo turns into an object.
    extra: { environment, apiUrl, ...(orgId !== null && { orgId }), ...(siteId !== null && { siteId }) },
  };
}

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The permissions that the app asks for, and no others. */
const usageReasons = ['NSCameraUsageDescription', 'NSPhotoLibraryAddUsageDescription'];
const androidPermissions = [
  'android.permission.CAMERA',
  'android.permission.INTERNET',
  'android.permission.VIBRATE',
  // Saves a photo to the gallery on Android 9 and older.
  'android.permission.WRITE_EXTERNAL_STORAGE',
];
/** Permissions of libraries that need no consent of the user: to see the network, and to send in the background. */
const libraryPermissions = [
  'android.permission.ACCESS_NETWORK_STATE',
  'android.permission.ACCESS_WIFI_STATE',
  'android.permission.DOWNLOAD_WITHOUT_NOTIFICATION',
  'android.permission.FOREGROUND_SERVICE',
  'android.permission.FOREGROUND_SERVICE_DATA_SYNC',
  'android.permission.RUN_USER_INITIATED_JOBS',
  'android.permission.WAKE_LOCK',
];
const removedOnAndroid = ['RECORD_AUDIO', 'READ_MEDIA_IMAGES', 'READ_MEDIA_VIDEO'];

/** @returns {string[]} what is wrong with the projects that Expo generated in a folder, for an environment */
export function projectFaults(native, environment) {
  return [...iosFaults(native, environment), ...androidFaults(native, environment), ...linkingFaults(native)];
}

/** ML Kit reads barcodes on Android only. On iOS it would add closed code that reports its use to Google. */
function linkingFaults(native) {
  const library = 'react-native-vision-camera-barcode-scanner';
  const isLinked = (platform) => {
    const autolinking = join(native, 'node_modules/expo-modules-autolinking/bin/expo-modules-autolinking.js');
    const { stdout } = spawnSync(
      process.execPath,
      [autolinking, 'react-native-config', '--json', '--platform', platform],
      { cwd: native, encoding: 'utf8' },
    );
    return library in JSON.parse(stdout).dependencies;
  };
  return [
    ...(isLinked('ios') ? [`ios: ${library} is linked, with ML Kit`] : []),
    ...(isLinked('android') ? [] : [`android: ${library} is not linked`]),
  ];
}

function iosFaults(native, environment) {
  const plist = createRequire(join(native, 'package.json'))('@expo/plist').default;
  const ios = join(native, 'ios');
  const file = readdirSync(ios, { recursive: true }).find((name) => /^[^/]+\/Info\.plist$/.test(name));
  if (file === undefined) return ['ios: there is no Info.plist'];
  const info = plist.parse(readFileSync(join(ios, file), 'utf8'));
  const faults = [];
  const reasons = Object.keys(info).filter((key) => /^NS.*UsageDescription$/.test(key));
  for (const key of usageReasons)
    if (!/^Spinbay [a-z].{30,}\.$/.test(info[key] ?? '')) faults.push(`ios: ${key} gives no reason: ${info[key]}`);
  for (const key of reasons)
    if (!usageReasons.includes(key)) faults.push(`ios: ${key} is a permission that the app does not need`);
  const modes = info.UIBackgroundModes ?? [];
  if (!modes.includes('processing')) faults.push(`ios: the background mode "processing" is missing: ${modes}`);
  for (const mode of modes)
    if (!['processing', 'fetch'].includes(mode)) faults.push(`ios: the background mode "${mode}" is not needed`);
  if ((info.BGTaskSchedulerPermittedIdentifiers ?? []).length === 0)
    faults.push('ios: no background task is permitted');
  const transport = info.NSAppTransportSecurity ?? {};
  if (transport.NSAllowsArbitraryLoads) faults.push('ios: every server without TLS is allowed');
  const local = transport.NSAllowsLocalNetworking === true;
  if (local !== (environment === 'dev'))
    faults.push(`ios: local servers without TLS are ${local ? '' : 'not '}allowed`);
  if (transport.NSExceptionDomains) faults.push('ios: some servers without TLS are allowed');
  const schemes = (info.CFBundleURLTypes ?? []).flatMap((type) => type.CFBundleURLSchemes ?? []);
  if (!schemes.includes('spinbay')) faults.push(`ios: spinbay:// does not open the app: ${schemes}`);
  return faults;
}

function androidFaults(native, environment) {
  const manifest = readFileSync(join(native, 'android/app/src/main/AndroidManifest.xml'), 'utf8');
  const faults = [];
  const entries = permissionsOf(manifest);
  const removed = entries.filter(([tag]) => tag.includes('tools:node="remove"')).map(([, name]) => name);
  const asked = entries.filter(([tag]) => !tag.includes('tools:node="remove"')).map(([, name]) => name);
  for (const name of asked)
    if (!androidPermissions.includes(name)) faults.push(`android: ${name} is a permission that the app does not need`);
  if (!asked.includes('android.permission.CAMERA')) faults.push('android: the permission for the camera is missing');
  for (const name of removedOnAndroid)
    if (!removed.includes(`android.permission.${name}`)) faults.push(`android: a library may still ask for ${name}`);
  // Gradle merges the manifests of the libraries into that of the app.
  const allowed = [...androidPermissions, ...libraryPermissions, ...removed];
  for (const { name, manifest: library } of libraryManifests(join(native, 'node_modules')))
    for (const [, permission] of permissionsOf(library))
      if (!allowed.includes(permission)) faults.push(`android: ${name} asks for ${permission}`);
  const cleartext = /android:usesCleartextTraffic="(\w+)"/.exec(manifest)?.[1];
  if (cleartext !== String(environment === 'dev')) faults.push(`android: usesCleartextTraffic is ${cleartext}`);
  if (!/android:scheme="spinbay"/.test(manifest)) faults.push('android: spinbay:// does not open the app');
  if (!/secure_store_backup_rules/.test(manifest)) faults.push('android: backups may contain the secret of the device');
  if (!/TransportBackendDiscovery"[^>]*tools:node="remove"/.test(manifest))
    faults.push('android: ML Kit may report its use to Google');
  return faults;
}

function permissionsOf(manifest) {
  return [...manifest.matchAll(/<uses-permission[^>]*android:name="([^"]+)"[^>]*>/g)];
}

/** The manifests of the packages in a folder, including those that npm installed inside expo. */
function libraryManifests(folder) {
  const names = readdirSync(folder).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  const own = names.flatMap((name) => {
    const file = join(folder, name, 'android/src/main/AndroidManifest.xml');
    return existsSync(file) ? [{ name, manifest: readFileSync(file, 'utf8') }] : [];
  });
  const inner = join(folder, 'expo/node_modules');
  return existsSync(inner) ? [...own, ...libraryManifests(inner)] : own;
}

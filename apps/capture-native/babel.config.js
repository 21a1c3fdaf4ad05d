const path = require('node:path');

module.exports = (api) => {
  api.cache(true);
  // A dependency of expo, which npm may install inside the folder of expo.
  const expo = path.dirname(require.resolve('expo/package.json'));
  return { presets: [require.resolve('babel-preset-expo', { paths: [expo] })] };
};

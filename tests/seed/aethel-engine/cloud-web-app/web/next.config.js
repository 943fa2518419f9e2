const {i18n} = require('./next-i18next.config')

module.exports = {
  output: 'standalone',
  poweredByHeader: false,
  eslint: {ignoreDuringBuilds: true},
  typescript: {ignoreBuildErrors: true},
  i18n,
}

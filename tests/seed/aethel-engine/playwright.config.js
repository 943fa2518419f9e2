module.exports = {testDir: 'examples', retries: 0}

namespace GrainSensors.EndToEnd.Tests.Exactness;

/// <summary>Recordings through the whole pipeline, compared window by window with what DuckDB makes of the same file.</summary>
[Trait("Category", "System")]
public sealed class ReplayExactnessTests(PostgresServer postgres) : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    [Theory]
    [InlineData("PT15M", 900)]
    [InlineData("PT1M", 60)]
    [InlineData("P1D", 86_400)]
    public async Task Windows_in_sqlite_equal_those_of_duckdb(string period, int seconds)
    {
        foreach (var recording in Recordings.Of(_folder.Path))
        {
            var store = _folder.File($"{Path.GetFileNameWithoutExtension(recording)}.db");
            await AssertEqualsOracleAsync(recording, period, seconds, $"sqlite:{store}");
        }
    }

    [Fact]
    public async Task Windows_in_postgresql_equal_those_of_duckdb()
    {
        foreach (var recording in Recordings.Of(_folder.Path))
        {
            await AssertEqualsOracleAsync(recording, "PT15M", 900, $"postgres:{await postgres.CreateDatabaseAsync()}");
        }
    }

    public void Dispose() => _folder.Dispose();

    private async Task AssertEqualsOracleAsync(string recording, string period, int seconds, string store)
    {
        var output = _folder.File("windows.csv");
        var result = await Executable.RunAsync("replay", recording, "--period", period, "--store", store, "--output", output);
        Assert.True(result.ExitCode == 0, result.ToString());

        var rows = await WindowsFile.ReadAsync(output);
        Assert.Equal(
            rows.OrderBy(row => row.Sensor).ThenBy(row => row.Metric, StringComparer.Ordinal).ThenBy(row => row.Start),
            rows);
        Assert.All(rows, row => Assert.True(row.IsFinal && row.End == row.Start + seconds, row.ToString()));
        var expected = await DuckDbOracle.WindowsOfRecordingAsync(recording, seconds);
        var got = rows.ToDictionary(row => (row.Sensor, row.Metric, row.Start), row => row.Window);
        Assert.Equal(expected.Keys.Order(), got.Keys.Order());
        Assert.All(expected, pair =>
        {
            var (want, have) = (pair.Value, got[pair.Key]);
            Assert.Equal((want.Count, want.Min, want.Max), (have.Count, have.Min, have.Max));
            Assert.Equal(want.Mean, have.Mean, 1e-9 * Math.Abs(want.Mean));
            Assert.Equal(want.StandardDeviation, have.StandardDeviation, 1e-9 * Math.Max(1, Math.Abs(want.StandardDeviation)));
        });
    }
}

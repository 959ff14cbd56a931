using System.Net.Http.Json;
using System.Text.Json;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Sqlite;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>What a person who starts <c>run</c> in a new directory sees within the first minute.</summary>
[Trait("Category", "System")]
public sealed class FirstDayTests : IDisposable
{
    private const string Console = "Console   ";
    private const string History = "History   the last 24 hours of 20 sensors follow within seconds; --empty starts without";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly string[] Expected = ["13 stuck", "17 disconnected"];

    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_store_has_a_day_with_alerts_and_dead_letters_and_the_next_start_adds_none()
    {
        var began = EpochTime.Now(TimeProvider.System);
        await using (var first = Start())
        {
            using var api = await ApiAsync(first);
            Assert.Contains(History, first.Output);
            Assert.StartsWith("Windows   PT15M and PT1M in sqlite:", first.Output[0], StringComparison.Ordinal);
            var seen = "";
            await Until.Async(async () => HasDay(seen = await SeeAsync(api)), () => $"{seen}\n{Printed(first)}", Minute);
            await StopAsync(first);
        }

        var rows = await RowsAsync();
        AssertDay(rows, began);
        await using var second = Start();
        using var again = await ApiAsync(second);
        Assert.DoesNotContain(History, second.Output);
        Assert.StartsWith("Windows   PT15M and PT1M in sqlite:", second.Output[0], StringComparison.Ordinal);
        await StopAsync(second);
        Assert.Equal(CountBefore(rows, began), CountBefore(await RowsAsync(), began));
    }

    [Fact]
    public async Task Who_brings_sensors_starts_empty()
    {
        await using var run = Start("--empty");
        using var api = await ApiAsync(run);
        Assert.DoesNotContain(History, run.Output);
        Assert.Contains(run.Output, line => line.StartsWith("Sensors   0 simulated", StringComparison.Ordinal));
        Assert.StartsWith("Windows   PT15M in sqlite:", run.Output[0], StringComparison.Ordinal);
        Assert.Empty((await api.GetFromJsonAsync<JsonElement>("sensors", Stop)).GetProperty("items").EnumerateArray());
        await StopAsync(run);
        Assert.Empty(await RowsAsync());
    }

    public void Dispose() => _folder.Dispose();

    private static string Printed(Executable run) => string.Join('\n', run.Output.Concat(run.Errors));

    private static bool HasDay(string seen) => Expected.All(seen.Contains) && seen.EndsWith("dead letters: 5", StringComparison.Ordinal);

    private static long CountBefore(List<WindowRow> rows, long time) =>
        rows.Where(row => row.Key.End <= time).Sum(row => row.Statistics.Count);

    private static async Task StopAsync(Executable run)
    {
        await run.SignalAsync("INT");
        var result = await run.ExitAsync();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("All readings are in the store", result.Output, StringComparison.Ordinal);
    }

    /// <returns>The open alerts and the number of dead letters.</returns>
    private static async Task<string> SeeAsync(HttpClient api)
    {
        var alerts = await api.GetFromJsonAsync<JsonElement>("alerts?status=open", Stop);
        var letters = await api.GetFromJsonAsync<JsonElement>("dead-letters", Stop);
        var open = alerts.GetProperty("items").EnumerateArray()
            .Select(alert => $"{alert.GetProperty("sensor_id")} {alert.GetProperty("kind")}");
        return $"{string.Join('\n', open)}\ndead letters: {letters.GetProperty("items").GetArrayLength()}";
    }

    /// <summary>Each sensor has each reading of the last day in the windows of a minute, but for silences and errors.</summary>
    private static void AssertDay(List<WindowRow> rows, long began)
    {
        var day = EpochTime.From(TimeSpan.FromDays(1));
        var sensors = rows
            .Where(row => row.Key.Measurement == "temperature" && row.Key.End <= began)
            .GroupBy(row => row.Key.SensorId)
            .ToDictionary(group => group.Key, group => group.ToList());
        Assert.Equal(Enumerable.Range(1, 20), sensors.Keys.Order());
        Assert.All(sensors, sensor =>
        {
            var seconds = sensor.Key == 17 ? 22 * 3600 : day / EpochTime.MicrosPerSecond;
            Assert.InRange(sensor.Value.Sum(row => row.Statistics.Count), seconds - 900, seconds);
            Assert.Equal(Period.FromSeconds(60), sensor.Value[0].Key.Period);
        });
        var stuck = sensors[13].Where(row => row.Key.Start > began - EpochTime.From(TimeSpan.FromHours(4.9))).ToList();
        Assert.All(stuck, row => Assert.Equal(row.Statistics.Min, row.Statistics.Max));
    }

    private static async Task<HttpClient> ApiAsync(Executable run)
    {
        string? page = null;
        await Until.Async(
            () => (page = run.Output.FirstOrDefault(line => line.StartsWith(Console, StringComparison.Ordinal))) is not null,
            () => Printed(run),
            Minute);
        return new() { BaseAddress = new($"{page![Console.Length..].Split(' ')[0]}api/v1/") };
    }

    private Executable Start(params string[] options) => Executable.Start(_folder.Path, ["run", "--http-port", "0", .. options]);

    private async Task<List<WindowRow>> RowsAsync()
    {
        await using var store = new SqliteWindowStore(_folder.File("data/grainsensors.db"));
        return await store.QueryAsync(new(EpochTime.Min, EpochTime.Max), Stop).ToListAsync(Stop);
    }
}

using System.Globalization;
using System.Text;

namespace GrainSensors.Benchmarks.Http;

/// <summary>A path that takes readings, and bodies for it.</summary>
/// <param name="Path">And query.</param>
internal sealed record HttpDoor(string Name, string Path, string MediaType, Func<IEnumerable<int>, long, string> Write)
{
    private const string Hooks = "hooks";
    private const string Telegraf = "telegraf";

    /// <summary>The contract's JSON, a source with a mapping, and line protocol.</summary>
    public static IReadOnlyList<HttpDoor> All { get; } =
    [
        new("readings", "/api/v1/readings", "application/json", (sensors, time) => $"[{Joined(
            sensors, sensor => $$"""{"sensor_id":{{sensor}},"timestamp":{{time}},"temperature":21.5,"humidity":60}""")}]"),
        new("ingest", $"/api/v1/ingest/{Hooks}", "application/json", (sensors, time) => $"[{Joined(
            sensors, sensor => $$"""{"probe":"hook-{{sensor}}","t":{{time}},"temp":21.5,"hum":60}""")}]"),
        new("influx", $"/api/v2/write?bucket={Telegraf}&precision=s", "text/plain", (sensors, time) => string.Join('\n', sensors.Select(
            sensor => FormattableString.Invariant($"weather,host=pi{sensor} temperature=21.5,humidity=60 {time}")))),
    ];

    /// <summary>The sources of a silo, as environment variables.</summary>
    public static Dictionary<string, string> Settings { get; } = new()
    {
        ["GrainSensors__Sources__0__Name"] = Hooks,
        ["GrainSensors__Sources__0__Topics__0"] = Hooks,
        ["GrainSensors__Sources__0__Mapping__Readings"] = "/*",
        ["GrainSensors__Sources__0__Mapping__Sensor"] = "{/*/probe}",
        ["GrainSensors__Sources__0__Mapping__Time"] = "/*/t",
        ["GrainSensors__Sources__0__Mapping__Values__temperature"] = "/*/temp",
        ["GrainSensors__Sources__0__Mapping__Values__humidity"] = "/*/hum",
        ["GrainSensors__Sources__1__Name"] = Telegraf,
        ["GrainSensors__Sources__1__Topics__0"] = Telegraf,
        ["GrainSensors__Sources__1__Preset"] = "influx",
    };

    /// <returns>Bodies that have a reading of each sensor together, of now.</returns>
    public IReadOnlyList<byte[]> Bodies(int sensors, int readingsOfBody)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return [.. Enumerable.Range(0, Math.Max(sensors, readingsOfBody)).Chunk(readingsOfBody)
            .Select(chunk => Encoding.UTF8.GetBytes(Write(chunk.Select(number => number % sensors), now)))];
    }

    private static string Joined(IEnumerable<int> sensors, Func<int, FormattableString> write) =>
        string.Join(',', sensors.Select(sensor => write(sensor).ToString(CultureInfo.InvariantCulture)));
}

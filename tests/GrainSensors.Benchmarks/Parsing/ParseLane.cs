using System.Diagnostics;
using System.Text;
using GrainSensors.Benchmarks.Micro;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;

namespace GrainSensors.Benchmarks.Parsing;

/// <summary>A parser and its messages.</summary>
/// <param name="parse">Parses one message, and returns the number of its readings.</param>
internal sealed class ParseLane(string name, byte[][] messages, Func<byte[], int> parse)
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(0.5);
    private static readonly byte[][] Json = Messages.Json(ParseBenchmark.Count, ParseBenchmark.Count);

    public static ParseLane Contract { get; } = OfContract();

    public static ParseLane[] All { get; } =
    [
        Contract,
        Mapped("mapped: contract's JSON", Json, new()
        {
            Sensor = "{/sensor_id}",
            Time = "/timestamp",
            Values = new Dictionary<string, string> { ["temperature"] = "/temperature", ["humidity"] = "/humidity" },
        }),
        Mapped("mapped: nested, values by path", Nested(), new()
        {
            Sensor = "{/device/id}",
            Time = "/ts",
            Values = new Dictionary<string, string> { ["temperature"] = "/values/temperature", ["humidity"] = "/values/humidity" },
        }),
        Mapped("mapped: nested, every number", Nested(), new() { Sensor = "{/device/id}", Time = "/ts", Numbers = "/values" }),
        Mapped("mapped: time as text, prefix", Texts(), new()
        {
            Sensor = "{/device/id}",
            Time = "/ts",
            Numbers = "/values",
            Prefix = "{/device/id}_",
        }),
        Mapped("mapped: array of 100", [Many()], new()
        {
            Readings = "/*",
            Sensor = "{/*/device/id}",
            Time = "/*/ts",
            Numbers = "/*/values",
        }),
    ];

    public ParseFigures Measure()
    {
        var (readings, rounds) = (0L, 0);
        Pass();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        for (; Stopwatch.GetElapsedTime(start) < Duration; rounds++)
        {
            readings += Pass();
        }

        var time = Stopwatch.GetElapsedTime(start);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return new(name, time.TotalNanoseconds / readings, 1, (double)allocated / readings);
    }

    private int Pass()
    {
        var readings = 0;
        foreach (var message in messages)
        {
            readings += parse(message);
        }

        return readings;
    }

    private static ParseLane OfContract()
    {
        var benchmark = new ParseBenchmark();
        return new("contract", [[]], _ =>
        {
            benchmark.Parse();
            return ParseBenchmark.Count;
        });
    }

    private static ParseLane Mapped(string name, byte[][] messages, MappingOptions mapping)
    {
        var (reader, sink) = (new SourceReader(new() { Mapping = mapping }), new CountingSink());
        return new(name, messages, message =>
        {
            sink.Readings = 0;
            reader.Read(new(message), sink);
            return sink.Readings;
        });
    }

    private static byte[][] Nested() => [.. Json.Select((_, sensor) => Encoding.UTF8.GetBytes(Nested(sensor)))];

    private static byte[][] Texts() => [.. Json.Select((_, sensor) =>
        Encoding.UTF8.GetBytes(Nested(sensor).Replace("1732400000", "\"2024-11-23T22:13:20.5Z\"", StringComparison.Ordinal)))];

    private static byte[] Many() => Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(0, 100).Select(Nested))}]");

    private static string Nested(int sensor)
    {
        var temperature = FormattableString.Invariant($"{20 + (sensor % 100 / 10.0)}");
        return $$$"""{"device":{"id":"kitchen-{{{sensor}}}"},"ts":1732400000,"values":{"temperature":{{{temperature}}},"humidity":60}}""";
    }
}

using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Benchmarks.Micro;

/// <summary>What the small benchmarks work on: readings of an hour ago, one a second for each sensor.</summary>
internal static class Messages
{
    private const long SecondsAgo = 3600;

    /// <summary>µs since the epoch.</summary>
    public static long Now { get; } = EpochTime.Now(TimeProvider.System);

    /// <summary>In the JSON of the contract.</summary>
    public static byte[][] Json(int count, int sensors)
    {
        var sequence = new ReadingSequence(sensors, (Now / EpochTime.MicrosPerSecond) - SecondsAgo);
        var json = new byte[ReadingText.MaxLength];
        return [.. Enumerable.Range(0, count).Select(index => json[..sequence.Write(index, json)])];
    }

    /// <summary>Parsed, with offsets in their order.</summary>
    public static ReadingBatch Readings(int count, int sensors)
    {
        var (parser, values, readings) = (new ReadingParser(MeasurementSet.Default, new()), new MessageValues(), new ReadingBatch(count));
        foreach (var (offset, json) in Json(count, sensors).Index())
        {
            parser.Parse(json, Now, null, values, out var reading);
            reading.Offset = offset;
            readings.Add(reading, values.All);
        }

        return readings;
    }
}

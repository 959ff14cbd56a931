using System.Text;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

/// <summary>Parses with the default measurements and limits, at a fixed time.</summary>
internal static class Parsing
{
    /// <summary>2026-11-23T10:15:00Z.</summary>
    public const long NowSeconds = 1_795_428_900;

    public const long Now = NowSeconds * 1_000_000;

    public static readonly ReadingParser Parser = new(MeasurementSet.Default, new());

    public static readonly RejectDetail Detail = new(Parser);

    /// <returns>The detail of a rejected message.</returns>
    public static string DetailOf(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var reason = Parser.Parse(bytes, Now, out _);
        Assert.NotEqual(RejectReason.None, reason);
        return Detail.Of(bytes, Now, reason);
    }

    /// <summary>Without the short cut for the plain form.</summary>
    public static RejectReason ParseAny(this ReadingParser parser, ReadOnlySpan<byte> message, MessageSensor? sensor, out Reading reading)
    {
        var values = new MessageValues();
        var reason = parser.ParseAny(message, Now, sensor, values, out var parsed);
        reading = Reading.Of(parsed, reason == RejectReason.None ? values.All : []);
        return reason;
    }

    public static RejectReason Parse(string json, out Reading reading) => Parser.Parse(Encoding.UTF8.GetBytes(json), Now, out reading);

    public static RejectReason ReasonFor(string json) => Parse(json, out _);

    public static Reading ParseGood(string json)
    {
        Assert.Equal(RejectReason.None, Parse(json, out var reading));
        return reading;
    }

    /// <summary>A message with this text for its timestamp.</summary>
    public static string At(string timestamp) => $$"""{"sensor_id":7,"timestamp":{{timestamp}},"temperature":21.5}""";

    /// <summary>A message with this text for its sensor.</summary>
    public static string Of(string sensorId) => $$"""{"sensor_id":{{sensorId}},"timestamp":1732400000,"temperature":21.5}""";

    /// <summary>A message with this text for its temperature.</summary>
    public static string With(string temperature) => $$"""{"sensor_id":7,"timestamp":1732400000,"temperature":{{temperature}}}""";
}

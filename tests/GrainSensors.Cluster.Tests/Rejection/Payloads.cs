using System.Globalization;
using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Cluster.Tests.Rejection;

/// <summary>
/// Messages as a year of operation brings them: good ones, and hostile ones made so that their reason is known beforehand.
/// </summary>
internal sealed class Payloads(int seed)
{
    private const long Start = 1_700_000_000;
    private readonly Random _random = new(seed);

    /// <summary>JSON edge cases; the good ones among them must come to the same window as any other.</summary>
    private static readonly (string Json, RejectReason Reason)[] Corpus =
    [
        ("", RejectReason.NotJson),
        (" ", RejectReason.NotJson),
        ("{", RejectReason.NotJson),
        ("{}", RejectReason.NoSensorId),
        ("null", RejectReason.NotAnObject),
        ("[]", RejectReason.NotAnObject),
        ("\"text\"", RejectReason.NotAnObject),
        ("1700000000", RejectReason.NotAnObject),
        ("{'sensor_id':1}", RejectReason.NotJson),
        ("{\"sensor_id\":1,}", RejectReason.NotJson),
        ("{\"sensor_id\":1}{}", RejectReason.NotJson),
        ("/**/{\"sensor_id\":1}", RejectReason.NotJson),
        ("{\"sensor_id\":01,\"timestamp\":1700000000}", RejectReason.NotJson),
        ("{\"sensor_id\":NaN,\"timestamp\":1700000000}", RejectReason.NotJson),
        ("{\"timestamp\":1700000000,\"temperature\":20}", RejectReason.NoSensorId),
        ("{\"Sensor_Id\":1,\"timestamp\":1700000000,\"temperature\":20}", RejectReason.NoSensorId),
        ("{\"sensor_id\":-1.0,\"timestamp\":1700000000,\"temperature\":20}", RejectReason.InvalidSensorId),
        ("{\"sensor_id\":2147483648e0,\"timestamp\":1700000000,\"temperature\":20}", RejectReason.InvalidSensorId),
        ("{\"sensor_id\":\"\",\"timestamp\":1700000000,\"temperature\":20}", RejectReason.InvalidSensorId),
        ("{\"sensor_id\":7.5,\"timestamp\":1700000000,\"temperature\":20}", RejectReason.InvalidSensorId),
        ("{\"sensor_id\":[7],\"timestamp\":1700000000,\"temperature\":20}", RejectReason.InvalidSensorId),
        ("{\"sensor_id\":7,\"temperature\":20}", RejectReason.NoTimestamp),
        ("{\"sensor_id\":7,\"timestamp\":null,\"temperature\":20}", RejectReason.NoTimestamp),
        ("{\"sensor_id\":7,\"timestamp\":\"2023-11-14\",\"temperature\":20}", RejectReason.InvalidTimestamp),
        ("{\"sensor_id\":7,\"timestamp\":1e400,\"temperature\":20}", RejectReason.InvalidTimestamp),
        ("{\"sensor_id\":7,\"timestamp\":915148800,\"temperature\":20}", RejectReason.InvalidTimestamp),
        ("{\"sensor_id\":7,\"timestamp\":9999999999,\"temperature\":20}", RejectReason.InvalidTimestamp),
        ("{\"sensor_id\":7,\"timestamp\":1700000000,\"temperature\":\"20\"}", RejectReason.InvalidValue),
        ("{\"sensor_id\":7,\"timestamp\":1700000000,\"temperature\":1e999}", RejectReason.InvalidValue),
        ("{\"sensor_id\":7,\"timestamp\":1700000000,\"temperature\":-273.16}", RejectReason.InvalidValue),
        ("{\"sensor_id\":7,\"timestamp\":1700000000,\"temperature\":20,\"humidity\":true}", RejectReason.InvalidValue),
        ("{\"sensor_id\":7,\"timestamp\":1700000000,\"temperature\":20,\"temperature\":\"x\"}", RejectReason.InvalidValue),
    ];

    /// <summary>A reading of some sensor, each time written in another way that means the same.</summary>
    public byte[] Good(int sensor, out long timestamp, out double value)
    {
        var second = Start + _random.Next(3600);
        timestamp = second * EpochTime.MicrosPerSecond;
        value = Math.Round((_random.NextDouble() * 60) - 20, 2);
        var text = value.ToString(CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetBytes(_random.Next(6) switch
        {
            0 => $$"""{"sensor_id":{{sensor}},"timestamp":{{second}}000,"temperature":{{text}}}""",
            1 => $$""" { "temperature" : {{text}} , "nested":{"sensor_id":[1,{"timestamp":null}]}, """
                + $$""" "timestamp" : {{second}}.0 , "sensor_id" : {{sensor}} } """,
            2 => $$"""{"\u0073ensor_id":{{sensor}},"timestamp":{{second}},"temperatur\u0065":{{text}},"name":"\ud83d\ude00"}""",
            3 => "\uFEFF" + $$"""{"sensor_id":{{sensor}},"timestamp":{{second}},"temperature":{{text}}}""",
            4 => $$"""{"sensor_id":-5,"sensor_id":{{sensor}},"timestamp":{{second}},"temperature":"x","temperature":{{text}}}""",
            _ => $$"""{"sensor_id":{{sensor}},"timestamp":{{second}},"temperature":{{text}},"humidity":null}""",
        });
    }

    /// <returns>Null: a tombstone.</returns>
    public byte[]? Hostile(out RejectReason reason)
    {
        switch (_random.Next(1000))
        {
            case < 300:
                // No UTF-8 text has this byte, so whatever else is drawn it is no JSON.
                reason = RejectReason.NotJson;
                var noise = new byte[_random.Next(1, 200)];
                _random.NextBytes(noise);
                noise[_random.Next(noise.Length)] = 0xFF;
                return noise;
            case < 600:
                reason = RejectReason.NotJson;
                var whole = Encoding.UTF8.GetString(Good(1, out _, out _)).TrimEnd();
                return Encoding.UTF8.GetBytes(whole[.._random.Next(whole.StartsWith('\uFEFF') ? 1 : 0, whole.Length - 1)]);
            case < 995:
                (var json, reason) = Corpus[_random.Next(Corpus.Length)];
                return Encoding.UTF8.GetBytes(json);
            case < 998:
                reason = RejectReason.Tombstone;
                return null;
            case < 999:
                reason = RejectReason.NotJson;
                return Encoding.UTF8.GetBytes(new string('[', 5000) + new string(']', 5000));
            default:
                reason = RejectReason.TooLarge;
                var tooLong = new string('x', 65_536);
                return Encoding.UTF8.GetBytes($$"""{"sensor_id":7,"timestamp":1700000000,"temperature":20,"x":"{{tooLong}}"}""");
        }
    }
}

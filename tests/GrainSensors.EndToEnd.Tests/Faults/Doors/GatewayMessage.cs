using System.Text;

namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>JSON of a gateway, which a source maps.</summary>
internal static class GatewayMessage
{
    /// <summary>The mapping, as keys of a source.</summary>
    public static IReadOnlyDictionary<string, string> Mapping { get; } = new Dictionary<string, string>
    {
        ["Mapping__Readings"] = "/data/*",
        ["Mapping__Sensor"] = "{/data/*/probe}",
        ["Mapping__Time"] = "/data/*/t",
        ["Mapping__Values__temperature"] = "/data/*/temp",
    };

    public static byte[] Write(Func<int, string> nameOf, IEnumerable<SentReading> readings)
    {
        var items = readings.Select(reading => FormattableString.Invariant(
            $$"""{"probe":"{{nameOf(reading.Place)}}","t":{{reading.Seconds}},"temp":{{reading.Value}}}"""));
        return Encoding.UTF8.GetBytes($$"""{"data":[{{string.Join(',', items)}}]}""");
    }
}

using System.Text;

namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>A client of InfluxDB, which sends line protocol.</summary>
internal sealed class InfluxDoor(string topic, string source, Func<IReadOnlyList<string>> pages)
    : HttpDoor(topic, readingsOfMessage: 5, $"/api/v2/write?bucket={source}&precision=s", pages)
{
    public override string Measurement => "weather_temperature";

    protected override string MediaType => "text/plain";

    public override string NameOf(int place) => $"pi{place}";

    public override byte[] Write(IReadOnlyList<SentReading> readings) => Encoding.UTF8.GetBytes(string.Concat(readings.Select(
        reading => FormattableString.Invariant(
            $"weather,host={NameOf(reading.Place)} temperature={reading.Value} {reading.Seconds}\n"))));
}

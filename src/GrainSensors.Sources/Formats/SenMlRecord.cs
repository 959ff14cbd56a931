using System.Text.Json;

namespace GrainSensors.Sources.Formats;

/// <summary>A resolved record of SenML.</summary>
/// <param name="Micros">µs since the epoch; null: the record has no time.</param>
/// <param name="Value">Null: the value is a text or data, or there is none.</param>
/// <param name="Error">Null: the record is right.</param>
internal sealed record SenMlRecord(
    string Sensor, string Measurement, long? Micros, double? Value, double? Sum, string? Error = null)
{
    public bool HasNumber => Value is not null || Sum is not null;

    public static SenMlRecord Wrong(string error) => new("", "", null, null, null, error);

    public bool IsOneReadingWith(SenMlRecord next) => next.Error is null && Sensor == next.Sensor && Micros == next.Micros;

    public void WriteValue(Utf8JsonWriter json)
    {
        if (Value is { } value)
        {
            json.WriteNumber(Measurement, value);
        }

        if (Sum is { } sum)
        {
            json.WriteNumber($"{Measurement}_sum", sum);
        }
    }
}

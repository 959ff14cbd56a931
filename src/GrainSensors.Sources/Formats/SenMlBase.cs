using System.Text.Json;
using GrainSensors.Core.Time;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Formats;

/// <summary>The base fields of a SenML pack, which hold for all records from theirs on.</summary>
/// <param name="isCbor">Whether members may have the labels of CBOR instead of their names.</param>
internal sealed class SenMlBase(bool isCbor)
{
    /// <summary>Times below it are relative to now (RFC 8428, section 4.5.3); now is the timestamp of the message.</summary>
    private const decimal FirstAbsolute = 268_435_456;

    private const int Version = 10;
    private const string NameOfValue = "value";

    /// <summary>Characters that join a base name and a name, and belong to neither.</summary>
    private static readonly char[] Joints = [':', '/', '.', '_', '-'];

    private string _name = "";

    /// <summary><see cref="_name"/> without joints at its end.</summary>
    private string _sensor = "";
    private decimal _time;
    private double _value;
    private double _sum;

    /// <exception cref="FormatException">A base field is wrong, so that no further record can be resolved.</exception>
    public SenMlRecord Resolve(JsonElement element, long timestamp)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return SenMlRecord.Wrong("it must be an object");
        }

        TakeBases(element);
        if (element.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => name.EndsWith('_')) is { } required)
        {
            return SenMlRecord.Wrong($"{required} must be understood, and is not known");
        }

        var value = Field(element, "v", "2");
        var flag = Field(element, "vb", "4");
        var sum = Field(element, "s", "5");
        var name = Field(element, "n", "0");
        var time = Field(element, "t", "6");
        if (name is not (null or { ValueKind: JsonValueKind.String }))
        {
            return SenMlRecord.Wrong("n must be text");
        }

        var isBase = value is null && flag is null && sum is null && name is null && time is null
            && Field(element, "vs", "3") is null && Field(element, "vd", "8") is null;
        var (sensor, measurement) = Names(name?.GetString() ?? "");
        return isBase ? new("", "", null, null, null)
            : sensor.Length == 0 ? SenMlRecord.Wrong("it has neither n nor bn")
            : time is not null && TryDecimal(time.Value) is null ? SenMlRecord.Wrong("t must be a number")
            : value is not null && TryNumber(value.Value) is null ? SenMlRecord.Wrong("v must be a number")
            : sum is not null && TryNumber(sum.Value) is null ? SenMlRecord.Wrong("s must be a number")
            : flag is not (null or { ValueKind: JsonValueKind.True or JsonValueKind.False }) ? SenMlRecord.Wrong("vb must be a boolean")
            : Resolve(
                new(sensor, measurement, null, Sum(value, _value) ?? Number(flag), Sum(sum, _sum)),
                _time + (time is null ? 0 : TryDecimal(time.Value)!.Value),
                timestamp);
    }

    private static SenMlRecord Resolve(SenMlRecord record, decimal time, long timestamp)
    {
        if (record.Value is { } value && !double.IsFinite(value))
        {
            return SenMlRecord.Wrong("v and bv are beyond the range of a double");
        }

        if (time == 0)
        {
            return record;
        }

        if (time < FirstAbsolute && timestamp == SourceMessage.NoTime)
        {
            return SenMlRecord.Wrong("its time is relative to that of its message, which is not known");
        }

        var start = time < FirstAbsolute ? EpochTime.ToTimeSpan(timestamp).Ticks / (decimal)TimeSpan.TicksPerSecond : 0;
        return EpochTime.TryFromSeconds(start + time, out var micros)
            ? record with { Micros = micros }
            : SenMlRecord.Wrong("its time is outside of the years 1 to 9999");
    }

    private void TakeBases(JsonElement element)
    {
        if (Field(element, "bver", "-1") is { } version && !(version.ValueKind == JsonValueKind.Number && TryNumber(version) <= Version))
        {
            throw new FormatException($"bver must be at most {Version}");
        }

        if (Field(element, "bn", "-2") is { } name)
        {
            _name = name.ValueKind == JsonValueKind.String ? name.GetString()! : throw new FormatException("bn must be text");
            _sensor = _name.TrimEnd(Joints);
        }

        if (Field(element, "bt", "-3") is { } time)
        {
            _time = TryDecimal(time) ?? throw new FormatException("bt must be a number");
        }

        if (Field(element, "bv", "-5") is { } value)
        {
            _value = TryNumber(value) ?? throw new FormatException("bv must be a number");
        }

        if (Field(element, "bs", "-6") is { } sum)
        {
            _sum = TryNumber(sum) ?? throw new FormatException("bs must be a number");
        }
    }

    private (string Sensor, string Measurement) Names(string name) =>
        _name.Length == 0 ? (name, NameOfValue)
        : name.Length == 0 ? (_sensor, NameOfValue)
        : (_sensor, name.TrimStart(Joints));

    /// <param name="label">The label in CBOR.</param>
    private JsonElement? Field(JsonElement element, string name, string label) =>
        element.TryGetProperty(name, out var value) || (isCbor && element.TryGetProperty(label, out value)) ? value : null;

    private static double? Sum(JsonElement? value, double @base) => value is null ? null : @base + TryNumber(value.Value);

    private static double? Number(JsonElement? flag) => flag is null ? null : flag.Value.ValueKind == JsonValueKind.True ? 1 : 0;

    private static double? TryNumber(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    private static decimal? TryDecimal(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) ? number : null;
}

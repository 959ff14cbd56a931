using System.Globalization;
using System.Text.Json;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;

namespace GrainSensors.Core.Alerts.Rules;

/// <summary>The members of a JSON object of a rule. Each is read once; one that nobody reads is unknown.</summary>
/// <param name="path">What precedes the names in messages, such as <c>selector.</c>.</param>
internal sealed class RuleMembers(JsonElement json, string path = "")
{
    private const int MaxQuoted = 100;

    private readonly List<string> _known = [];

    public JsonElement? Find(string name)
    {
        _known.Add(name);
        return json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public string? Text(string name, int maxLength) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value when value.GetString() is { Length: > 0 } text && text.Length <= maxLength => text,
        var value => throw Invalid(name, $"a text of 1 to {maxLength} characters", value.Value),
    };

    public bool Flag(string name, bool otherwise) => Find(name) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        var value => throw Invalid(name, "true or false", value.Value),
    };

    /// <param name="least">The least value, inclusive; <see cref="double.Epsilon"/> for above 0.</param>
    public double? Number(string name, double least = double.MinValue) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && number >= least
            ? number
        : throw Invalid(name, NumberFrom(least), value);

    public int? Count(string name, int least, int most) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number
        : throw Invalid(name, $"an integer from {least} to {most}", value);

    /// <returns>The duration in µs.</returns>
    public long? Time(string name, bool canBeZero) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String && Durations.TryParse(value.GetString(), out var time)
            && (canBeZero || time > TimeSpan.Zero)
            ? EpochTime.From(time)
        : throw Invalid(name, $"a duration{(canBeZero ? "" : " above 0")}, such as {Durations.Forms}", value);

    /// <summary>Reads <c>least</c>, a number or a share.</summary>
    /// <param name="ofWhat">What a share is a part of.</param>
    /// <param name="otherwise">The share, if the member is not given.</param>
    public (long? Count, double Share) Least(string ofWhat, double otherwise)
    {
        if (Find("least") is not { } least)
        {
            return (null, otherwise);
        }

        if (least.ValueKind == JsonValueKind.Number && least.TryGetInt64(out var count) && count >= 1)
        {
            return (count, otherwise);
        }

        return least.ValueKind == JsonValueKind.String && least.GetString() is [.. var digits, '%']
            && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            && percent is > 0 and <= 100
                ? (null, percent / 100)
                : throw Invalid("least", $"an integer of at least 1, or a share {ofWhat}, such as \"50%\"", least);
    }

    public RuleMembers Object(string name) => Find(name) switch
    {
        { ValueKind: JsonValueKind.Object } value => new(value, $"{path}{name}."),
        null => throw Missing(name, "an object"),
        var value => throw Invalid(name, "an object", value.Value),
    };

    /// <exception cref="FormatException">A member was not read.</exception>
    public void RequireNoOther()
    {
        var names = new HashSet<string>();
        foreach (var member in json.EnumerateObject())
        {
            if (!_known.Contains(member.Name))
            {
                throw new FormatException(
                    $"\"{path}{PrintableText.Escape(member.Name, MaxQuoted)}\" is not a member of this rule; "
                    + $"use {string.Join(", ", _known)}.");
            }

            if (!names.Add(member.Name))
            {
                throw new FormatException($"\"{path}{member.Name}\" is given twice; keep one.");
            }
        }
    }

    public FormatException Missing(string name, string expected) => new($"\"{path}{name}\" is missing; give {expected}.");

    public FormatException Invalid(string name, string expected, JsonElement got) =>
        new($"\"{path}{name}\" must be {expected}; got {PrintableText.Escape(got.GetRawText(), MaxQuoted)}.");

    private static string NumberFrom(double least) => least switch
    {
        double.MinValue => "a number",
        double.Epsilon => "a number above 0",
        _ => string.Create(CultureInfo.InvariantCulture, $"a number of at least {least}"),
    };
}

using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;

namespace GrainSensors.Sources.Mapping;

/// <summary>Takes the time of a reading: that of the reading, else that of its message.</summary>
/// <param name="place">Null: the mapping has none.</param>
/// <param name="usual">The unit of a number in a message that has no unit of its own.</param>
internal sealed class TimeField(Place? place, TimeUnit usual, bool requireOffset)
{
    /// <summary>The longest text of a time in ISO 8601.</summary>
    private const int MaxText = 64;

    /// <param name="micros">µs since the epoch, or <see cref="SourceMessage.NoTime"/>.</param>
    public Fault TryRead(scoped ref readonly ReadingContext context, out long micros)
    {
        micros = context.Message.Timestamp;
        if (place is null || context.SlotOf(place) is not { IsMissing: false } slot)
        {
            return Fault.None;
        }

        var text = context.TextOf(place);
        var unit = context.TimeUnit ?? usual;
        var isRead = slot.Type switch
        {
            JsonTokenType.Number => TryReadNumber(text, unit, out micros),
            JsonTokenType.String => slot.IsEscaped ? TryReadEscaped(text, unit, ref micros) : TryReadString(text, unit, ref micros),
            _ => false,
        };
        return isRead && (micros == SourceMessage.NoTime || micros is >= EpochTime.Min and < EpochTime.Max)
            ? Fault.None
            : new(SourceRejectReason.InvalidTimestamp, $"{place} must be {Expected(unit)}; got {Fault.Quote(text)}");
    }

    private static string Expected(TimeUnit unit) => unit switch
    {
        TimeUnit.S => "a number of seconds since 1970, or a time in ISO 8601",
        TimeUnit.Ms => "a number of milliseconds since 1970, or a time in ISO 8601",
        TimeUnit.Us => "a number of microseconds since 1970, or a time in ISO 8601",
        TimeUnit.Ns => "a number of nanoseconds since 1970, or a time in ISO 8601",
        _ => "a number of seconds or milliseconds since 1970, or a time in ISO 8601",
    };

    private static bool TryReadNumber(ReadOnlySpan<byte> number, TimeUnit unit, out long micros) => unit switch
    {
        TimeUnit.S => DecimalText.TryScale(number, 6, out micros, out _),
        TimeUnit.Ms => DecimalText.TryScale(number, 3, out micros, out _),
        TimeUnit.Us => DecimalText.TryScale(number, 0, out micros, out _),
        TimeUnit.Ns => DecimalText.TryScale(number, -3, out micros, out _),
        _ => ReadingParser.TryParseMoment(number, out micros),
    };

    private bool TryReadEscaped(ReadOnlySpan<byte> escaped, TimeUnit unit, ref long micros)
    {
        Span<byte> text = stackalloc byte[MaxText];
        return EscapedName.TryDecode(escaped, text, out var length) && TryReadString(text[..length], unit, ref micros);
    }

    /// <param name="micros">Stays as it is when the time has no offset, and needs one.</param>
    private bool TryReadString(ReadOnlySpan<byte> text, TimeUnit unit, ref long micros)
    {
        Span<char> characters = stackalloc char[MaxText];
        if (text.Length > MaxText || text.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            characters[i] = (char)text[i];
        }

        if (!Iso8601Time.TryParse(characters[..text.Length], out var time))
        {
            return NumberText.IsJson(text) && TryReadNumber(text, unit, out micros);
        }

        // A date without dashes, such as 20261124, is refused as EpochTime refuses it: as a number it is near 1970.
        if (!text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        micros = requireOffset && time.OffsetMinutes is null ? micros : time.UtcMicros;
        return true;
    }
}

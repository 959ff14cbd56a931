using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Csv;
using NodaTime;
using NodaTime.Text;

namespace GrainSensors.Replay;

/// <summary>Reads the times of a recording.</summary>
/// <param name="format">The format of all times; null: ISO 8601 or epoch.</param>
/// <param name="zone">The zone of times without an offset; null: UTC.</param>
/// <param name="allowsComma">Whether numbers may have a decimal comma.</param>
internal sealed class RecordedTimes(LocalDateTimePattern? format, DateTimeZone? zone, bool allowsComma)
{
    /// <summary>
    /// Greater numbers are milliseconds, a thousand times greater ones microseconds, and so on. As seconds they would lie after the
    /// year 5138.
    /// </summary>
    private const decimal SecondsUpTo = 100_000_000_000;

    private readonly LocalTimes? _local = zone is null ? null : new(zone);
    private readonly char[] _text = new char[40];
    private int _length;
    private long _micros;
    private bool _isLocal;

    /// <summary>Whether a time without an offset was read as UTC.</summary>
    public bool AssumesUtc { get; private set; }

    /// <summary>Whether a time was in a form that is not read without a format.</summary>
    public bool NeedsFormat { get; private set; }

    /// <summary>The local times that occur twice, in words; null: there were none.</summary>
    public string? Repeated => _local is { Earlier: > 0 } or { Later: > 0 }
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"times that occur twice in {_local.Zone} were resolved by their order: "
                + $"{_local.Earlier:N0} as the first (summer time), {_local.Later:N0} as the second (winter time)")
        : null;

    /// <returns>Why the time is invalid; null: it is valid.</returns>
    public string? Read(int sensorId, ReadOnlySpan<char> text, out long micros)
    {
        // Sensors that were read together have the same time on adjacent lines.
        if (_length == 0 || !text.SequenceEqual(_text.AsSpan(0, _length)))
        {
            if (!TryParse(text, out _micros, out _isLocal))
            {
                (micros, _length) = (0, 0);
                NeedsFormat |= format is null && text.IndexOfAny("/:. ") > 0 && text.ContainsAnyInRange('0', '9');
                return format is null
                    ? $"timestamp must be epoch seconds or an ISO 8601 time; got {CsvValue.Quote(text)}"
                    : $"timestamp must be in the format \"{format.PatternText}\"; got {CsvValue.Quote(text)}";
            }

            _length = text.TryCopyTo(_text) ? text.Length : 0;
        }

        micros = _micros;
        AssumesUtc |= _isLocal && _local is null;
        return !_isLocal || _local is null || _local.TryConvert(sensorId, _micros, out micros)
            ? null
            : $"timestamp {CsvValue.Quote(text)} does not exist in {_local.Zone}, where clocks were set forward over it";
    }

    private bool TryParse(ReadOnlySpan<char> text, out long micros, out bool isLocal)
    {
        (micros, isLocal) = (0, true);
        if (format is not null)
        {
            var result = format.Parse(text.ToString());
            micros = result.Success ? EpochTime.From(new DateTimeOffset(result.Value.ToDateTimeUnspecified(), TimeSpan.Zero)) : 0;
            return result.Success;
        }

        if (Iso8601Time.TryParse(text, out var time))
        {
            (micros, isLocal) = (time.UtcMicros, time.OffsetMinutes is null);
            return text.ContainsAnyExceptInRange('0', '9'); // a date without dashes alone could also be epoch seconds
        }

        isLocal = false;
        return CsvValue.TryParseDecimal(text, allowsComma, out var number) && !IsRounded(text) && TryFromNumber(number, out micros);
    }

    private static bool TryFromNumber(decimal number, out long micros)
    {
        var seconds = number;
        for (var i = 0; i < 3 && Math.Abs(number) > SecondsUpTo; i++)
        {
            (number, seconds) = (number / 1000, number / 1000);
        }

        return EpochTime.TryFromSeconds(seconds, out micros);
    }

    /// <summary>Whether a number with an exponent, such as <c>1.7324E+12</c>, lacks the last digits before its point.</summary>
    private static bool IsRounded(ReadOnlySpan<char> text)
    {
        var at = text.IndexOfAny('e', 'E');
        if (at < 0)
        {
            return false;
        }

        var point = text[..at].IndexOfAny('.', ',');
        return int.TryParse(text[(at + 1)..], CultureInfo.InvariantCulture, out var exponent)
            && exponent > (point < 0 ? 0 : at - point - 1);
    }
}

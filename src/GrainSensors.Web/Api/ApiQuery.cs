using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Names;
using GrainSensors.Web.Registry;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Reads the parameters of requests. An invalid one ends the request with 400 and a detail that names it.</summary>
internal static class ApiQuery
{
    private const int MaxQuoted = 60;

    /// <returns>µs since the epoch; a time without an offset is UTC.</returns>
    public static long Time(string name, string? text, long otherwise) => string.IsNullOrEmpty(text) ? otherwise
        : EpochTime.TryParse(text, out var micros) ? micros
        : throw Invalid(name, $"a time such as {EpochTime.Forms} (send + as %2B)", text);

    /// <returns>A range in which <paramref name="from"/> is before <paramref name="to"/>.</returns>
    public static (long From, long To) Range(string? from, string? to, long otherwiseFrom, long otherwiseTo)
    {
        var (first, last) = (Time("from", from, otherwiseFrom), Time("to", to, otherwiseTo));
        return first < last ? (first, last)
            : throw Bad($"from must be before to; got {EpochTime.ToIso8601(first)} and {EpochTime.ToIso8601(last)}.");
    }

    /// <param name="path">The id or name in the path.</param>
    /// <param name="query">Takes the place of a name that proxies change in paths, such as one with a slash.</param>
    /// <returns>The sensor with its id or number; an unknown name ends the request with 404.</returns>
    public static async ValueTask<SensorRef> SensorAsync(
        ISensorNames names, string path, string[]? query, CancellationToken cancellationToken)
    {
        var sensor = Sensor(path, query);
        var found = (await names.WithNumbersAsync([sensor], cancellationToken))[0];
        return found.Id != SensorName.NoNumber
            ? found
            : throw NotFound($"Sensor \"{Quote($"{sensor}")}\" is unknown: it has never reported.");
    }

    /// <returns>The sensor, a name without its number.</returns>
    /// <inheritdoc cref="SensorAsync"/>
    public static SensorRef Sensor(string path, string[]? query) =>
        query is [var name, ..] ? Sensor("sensor", name) : Sensor("sensor_id", path);

    /// <param name="tags">Such as <c>room=kitchen</c>.</param>
    public static SensorFilter Filter(string[]? tags, string? text, string? place)
    {
        try
        {
            return SensorFilter.Of(tags, text, place);
        }
        catch (FormatException e)
        {
            throw Bad($"tag is invalid. {e.Message}");
        }
    }

    /// <param name="ids">Ids and names separated by commas.</param>
    /// <param name="whole">Further sensors, of which each is one id or name.</param>
    /// <returns>The sensors with their ids or numbers, <see cref="SensorName.NoNumber"/> for unknown names.</returns>
    public static ValueTask<IReadOnlyList<SensorRef>> SensorsAsync(
        ISensorNames names, string? ids, string[]? whole, CancellationToken cancellationToken) =>
        names.WithNumbersAsync(Sensors(ids, whole), cancellationToken);

    /// <returns>The sensors, names without their numbers.</returns>
    /// <inheritdoc cref="SensorsAsync"/>
    public static IReadOnlyList<SensorRef> Sensors(string? ids, string[]? whole) =>
        [.. Words(ids).Select(text => Sensor("sensor_id", text)), .. (whole ?? []).Select(text => Sensor("sensor", text))];

    private static SensorRef Sensor(string parameter, string text) => SensorRef.Parse(text)
        ?? throw Invalid(
            parameter,
            $"a sensor id, or a name of 1 to {SensorName.MaxLength} characters, none of them a control or format character",
            text);

    public static IEnumerable<string> Words(string? text) =>
        string.IsNullOrEmpty(text) ? [] : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static int Limit(string? text, int otherwise, int max) => string.IsNullOrEmpty(text) ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max ? limit
        : throw Invalid("limit", $"an integer from 1 to {max}", text);

    /// <param name="zone">The time zone of a unit of the calendar; null: it is in the text, or there is none.</param>
    public static WindowPeriod Period(string? text, string? zone, Period stored)
    {
        if (string.IsNullOrEmpty(zone))
        {
            return string.IsNullOrEmpty(text) ? new(stored) : Period(text, stored);
        }

        if (string.IsNullOrEmpty(text) || text.Contains('@', StringComparison.Ordinal))
        {
            throw Bad(string.IsNullOrEmpty(text)
                ? "tz needs a period: P1D, P1W, P1M, P3M or P1Y."
                : $"The time zone must be in tz or in period, not in both; got \"{Quote(zone)}\" and \"{Quote(text)}\".");
        }

        return LocalDay.IsZone(zone) ? Period($"{text}@{zone}", stored) : throw Invalid("tz", "a time zone such as Europe/Madrid", zone);
    }

    /// <param name="boundary">The start of a window that begins within a stored one.</param>
    public static ApiException NotWhole(WindowPeriod period, long boundary, Period stored) => period.Plain is not null
        ? Invalid("period", $"a multiple of {stored} such as PT1H or P1D", $"{period}")
        : Bad(
            $"Each window of the period must consist of whole windows of {stored}; one of {period} begins at "
            + $"{EpochTime.ToIso8601(boundary)}, within such a window.");

    private static WindowPeriod Period(string text, Period stored)
    {
        var error = "";
        return text.Length <= MaxQuoted && WindowPeriod.TryParse(text, out error) is { } period ? period
            : error.Length > 0 ? throw Bad($"period is invalid. {PrintableText.Escape(error)}")
            : throw Invalid("period", $"a multiple of {stored}, such as PT1H, PT1H/PT15M or P1D@Europe/Madrid", text);
    }

    /// <summary>Reads one of several words, in upper or lower case.</summary>
    public static T? Choice<T>(string name, string? text, params (string Word, T Value)[] choices)
        where T : struct => string.IsNullOrEmpty(text) ? null : Find(name, text, choices);

    /// <summary>Reads several of several words, separated by commas.</summary>
    public static IEnumerable<T> Choices<T>(string name, string? text, params (string Word, T Value)[] choices) =>
        Words(text).Select(word => Find(name, word, choices));

    /// <summary>A cursor is opaque to clients: its value comes from the previous page.</summary>
    public static ApiException InvalidCursor(string cursor) => Invalid("cursor", "the value of next in the previous page", cursor);

    /// <param name="expected">What the parameter must be, such as "an integer from 1 to 1000".</param>
    public static ApiException Invalid(string name, string expected, string text) =>
        Bad($"{name} must be {expected}; got \"{Quote(text)}\".");

    public static ApiException Bad(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static ApiException NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);

    /// <summary>The offending value without control characters, cut to a length that fits a sentence.</summary>
    public static string Quote(string text) => PrintableText.Escape(text.Length <= MaxQuoted ? text : text[..MaxQuoted] + "…");

    private static T Find<T>(string name, string text, (string Word, T Value)[] choices)
    {
        foreach (var (word, value) in choices)
        {
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        throw Invalid(name, $"one of {string.Join(", ", choices.Select(choice => choice.Word))}", text);
    }
}

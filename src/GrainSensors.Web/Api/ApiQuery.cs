using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Web.Formatting;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Reads the parameters of requests. What cannot be read ends the request with 400 and a sentence that names it.</summary>
internal static class ApiQuery
{
    /// <returns>µs since the epoch; without an offset the time is UTC.</returns>
    public static long Time(string name, string? text, long otherwise) => string.IsNullOrEmpty(text) ? otherwise
        : EpochTime.TryParse(text, out var micros) ? micros
        : throw Bad($"{name} must be a time such as {EpochTime.Forms} (send + as %2B); got \"{Shown(text)}\".");

    /// <returns>A range with <paramref name="to"/> behind <paramref name="from"/>.</returns>
    public static (long From, long To) Range(string? from, string? to, long otherwiseFrom, long otherwiseTo)
    {
        var (first, last) = (Time("from", from, otherwiseFrom), Time("to", to, otherwiseTo));
        return first < last ? (first, last) : throw Bad($"from {EpochTime.ToIso8601(first)} is not before to {EpochTime.ToIso8601(last)}.");
    }

    public static int SensorId(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        ? id
        : throw Bad($"sensor_id \"{Shown(text)}\" is no whole number from 0 to {int.MaxValue}.");

    /// <param name="text">Numbers with commas between them.</param>
    public static IReadOnlyList<int> SensorIds(string? text) => [.. Words(text).Select(SensorId)];

    public static IEnumerable<string> Words(string? text) =>
        string.IsNullOrEmpty(text) ? [] : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static int Limit(string? text, int otherwise, int max) => string.IsNullOrEmpty(text) ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max ? limit
        : throw Bad($"limit \"{Shown(text)}\" is no whole number from 1 to {max}.");

    /// <param name="isPossible">Whether there can be windows of this length.</param>
    public static Period Period(string? text, Period otherwise, Func<Period, bool> isPossible)
    {
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        if (!Core.Windows.Period.TryParse(text, out var period, out _))
        {
            throw Bad($"period \"{Shown(text)}\" is no duration; give one of ISO 8601 such as {otherwise}, PT1H or P1D.");
        }

        return isPossible(period) ? period : throw Bad($"Windows of {period} cannot be made of windows of {otherwise}; give a multiple of it, such as PT1H or P1D.");
    }

    /// <summary>One word of several.</summary>
    public static T? Choice<T>(string name, string? text, params (string Word, T Value)[] choices)
        where T : struct
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        foreach (var (word, value) in choices)
        {
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        throw Bad($"{name} \"{Shown(text)}\" is not known; give one of {string.Join(", ", choices.Select(choice => choice.Word))}.");
    }

    public static ApiProblem Bad(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static ApiProblem NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);

    /// <summary>What came, short enough for a sentence.</summary>
    public static string Shown(string text) => DeadLetterText.Escape(text.Length <= 60 ? text : text[..60] + "…");
}

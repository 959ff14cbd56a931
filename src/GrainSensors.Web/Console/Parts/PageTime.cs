using GrainSensors.Core.Time;
using GrainSensors.Web.Api;

namespace GrainSensors.Web.Console.Parts;

/// <summary>A time in the address of a page, in any form of <see cref="EpochTime.TryParse"/>.</summary>
internal static class PageTime
{
    public static bool IsValid(string? text) => string.IsNullOrEmpty(text) || EpochTime.TryParse(text, out _);

    public static string Problem(string name, string text) =>
        $"{name} must be a time such as {EpochTime.Forms}; got \"{ApiQuery.Quote(text)}\".";

    /// <returns>µs since the epoch; null: the text is no time.</returns>
    public static long? Of(string? text) => EpochTime.TryParse(text, out var micros)
        ? Math.Clamp(micros, EpochTime.Min, EpochTime.Max - EpochTime.MicrosPerSecond)
        : null;
}

namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>An option that is a duration.</summary>
/// <param name="least">The shortest duration, as it is written in configuration; null: any above 0.</param>
/// <param name="most">The longest duration; null: unlimited.</param>
/// <param name="never">Whether <see cref="Timeout.InfiniteTimeSpan"/> is allowed.</param>
internal sealed class DurationAttribute(string? least = null, string? most = null, bool never = false)
    : ValueAttribute(Describe(least, most, never))
{
    private readonly TimeSpan _least = Parse(least) ?? new(1);
    private readonly TimeSpan _most = Parse(most) ?? TimeSpan.MaxValue;

    public bool AllowsNever { get; } = never;

    public override bool Allows(object value) =>
        value is TimeSpan duration && ((AllowsNever && duration == Timeout.InfiniteTimeSpan) || (duration >= _least && duration <= _most));

    private static string Describe(string? least, string? most, bool never)
    {
        var range = (least, most) switch
        {
            (null, _) => "above 0",
            ("0s", null) => "of at least 0",
            (_, null) => $"of at least {least}",
            _ => $"from {least} to {most}",
        };
        return $"a duration {range} such as 10s or PT10S{(never ? ", or never" : "")}";
    }

    private static TimeSpan? Parse(string? text) => text is null ? null
        : ConfiguredDuration.TryParse(text, out var duration) ? duration
        : throw new ArgumentException($"\"{text}\" is not a duration.", nameof(text));
}

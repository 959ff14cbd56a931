namespace GrainSensors.Contacts.Delivery;

/// <summary>The time until the next attempt.</summary>
internal static class RetryDelay
{
    private const double Jitter = 0.2;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan LongestWish = TimeSpan.FromHours(6);

    /// <param name="attempt">The number of attempts that have failed, from 1.</param>
    /// <param name="retryAfter">The wish of the receiver.</param>
    /// <param name="random">From 0 to 1.</param>
    public static TimeSpan Of(int attempt, TimeSpan? retryAfter, double random)
    {
        var backOff = First * Math.Pow(2, Math.Min(attempt, 30) - 1);
        var delay = (backOff < Longest ? backOff : Longest) * (1 - Jitter + (2 * Jitter * random));
        var wish = retryAfter is { } wanted ? (wanted < LongestWish ? wanted : LongestWish) : TimeSpan.Zero;
        return delay > wish ? delay : wish;
    }
}

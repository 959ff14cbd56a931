namespace GrainSensors.Tests.Shared;

/// <summary>Waits for conditions; what was seen instead is in the failure.</summary>
internal static class Until
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static Task Async(Func<bool> condition, Func<string> look, TimeSpan deadline) =>
        Async(() => Task.FromResult(condition()), look, deadline);

    public static async Task Async(Func<Task<bool>> condition, Func<string> look, TimeSpan deadline)
    {
        using var timer = new PeriodicTimer(Interval);
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > deadline)
            {
                throw new TimeoutException($"Not so within {deadline}: {look()}");
            }

            await timer.WaitForNextTickAsync();
        }
    }
}

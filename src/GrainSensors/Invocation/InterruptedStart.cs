using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Invocation;

/// <summary>A pipeline that is told to stop while it starts has lost nothing, and that is no failure.</summary>
internal static class InterruptedStart
{
    /// <param name="run">Throws an <see cref="OperationCanceledException"/> only before it has started.</param>
    public static async Task<int> SucceedsAsync(Func<CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.WriteLine("Stopped before the start was complete.");
            return ExitCodes.Success;
        }
    }
}

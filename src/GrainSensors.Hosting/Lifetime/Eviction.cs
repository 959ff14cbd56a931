namespace GrainSensors.Hosting.Lifetime;

/// <summary>
/// Ends the process at once when the cluster has declared this silo dead, mostly after a pause of the whole process. Other silos
/// own its grains and partitions by then, so it stops as a crash would. The supervisor starts it again.
/// </summary>
internal sealed class Eviction : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        var reason = string.Join(' ', new[] { context, exception?.Message }.OfType<string>()).ReplaceLineEndings(" ");
        Console.Error.WriteLine(
            $"The cluster has declared this silo dead, so it ends at once. No reading is lost; start the silo again. {reason}");
        Environment.Exit(ExitCodes.Evicted);
    }
}

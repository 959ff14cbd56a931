namespace GrainSensors.Hosting.Lifetime;

/// <summary>The exit codes of all commands.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>An unexpected error; standard error has its stack trace.</summary>
    public const int InternalError = 1;

    /// <summary>A wrong option, an unreadable file, an unreachable server, or an interruption.</summary>
    public const int CouldNotRun = 2;

    /// <summary>The command finished, but some of its input was rejected.</summary>
    public const int SomethingRejected = 3;

    /// <summary>The command finished and found a problem: an unhealthy cluster, differing windows.</summary>
    public const int SomethingWrong = 4;

    /// <summary>The cluster declared this silo dead, or its Kafka consumer ended; a supervisor starts it again.</summary>
    public const int Evicted = 5;

    /// <summary>All codes on one line, for the help of the root command.</summary>
    public const string Summary =
        "Exit codes: 0 success, 1 internal error, 2 could not run, 3 rejected input, 4 problems, 5 evicted.";
}

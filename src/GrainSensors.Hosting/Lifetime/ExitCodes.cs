namespace GrainSensors.Hosting.Lifetime;

/// <summary>What a command's exit code means.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>A defect: an error that nobody foresaw.</summary>
    public const int Defect = 1;

    /// <summary>It could not run: a wrong option, a file that cannot be read, a server that is not there.</summary>
    public const int CouldNotRun = 2;

    /// <summary>It ran to the end, but something was rejected on the way.</summary>
    public const int SomethingRejected = 3;

    /// <summary>It ran to the end and found something that is not as it should be.</summary>
    public const int SomethingWrong = 4;

    /// <summary>A silo that the cluster has declared dead, or whose consumer has ended: start it again.</summary>
    public const int Evicted = 5;
}

namespace GrainSensors.Web.Console;

/// <summary>How to send the first reading, for a fleet without sensors.</summary>
internal sealed class FirstReading
{
    /// <summary>A command for a shell on this machine; null: there is none.</summary>
    public string? Command { get; set; }
}

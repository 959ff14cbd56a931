namespace GrainSensors.Web.Console;

/// <summary>How to send the first reading, for a fleet without sensors.</summary>
internal sealed class FirstReading
{
    /// <summary>Commands for a shell on the machine of the silo, by door; empty: there are none.</summary>
    public IReadOnlyList<(string Door, string Command)> Commands { get; set; } = [];
}

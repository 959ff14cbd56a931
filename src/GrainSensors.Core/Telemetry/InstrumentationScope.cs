namespace GrainSensors.Core.Telemetry;

/// <summary>The instrumentation scope of OpenTelemetry: the name of the meter and of the activity source of this project.</summary>
public static class InstrumentationScope
{
    public const string Name = "GrainSensors";
}

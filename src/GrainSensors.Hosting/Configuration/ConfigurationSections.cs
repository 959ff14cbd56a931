namespace GrainSensors.Hosting.Configuration;

/// <summary>Names of sections of the configuration.</summary>
internal static class ConfigurationSections
{
    /// <summary>The section that holds all sections of this project.</summary>
    public const string Root = "GrainSensors";
}

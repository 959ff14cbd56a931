namespace GrainSensors.Hosting.Configuration;

/// <summary>The rights of the owner of a key.</summary>
internal enum AccessRole
{
    /// <summary>Reads everything.</summary>
    Read,

    /// <summary>Reads everything, sends readings and acknowledges alerts.</summary>
    Admin,
}

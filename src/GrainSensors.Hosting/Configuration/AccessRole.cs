namespace GrainSensors.Hosting.Configuration;

/// <summary>What the owner of a key may do.</summary>
internal enum AccessRole
{
    /// <summary>Look at everything.</summary>
    Read,

    /// <summary>Look, and change what is there: send readings, acknowledge alerts.</summary>
    Admin,
}

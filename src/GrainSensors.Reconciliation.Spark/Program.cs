using GrainSensors.Reconciliation.Spark;
using GrainSensors.Reconciliation.Spark.Job;

if (args is not [var file])
{
    Console.Error.WriteLine("Started by grainsensors reconcile --engine spark, through spark-submit, with the file of the run's options.");
    return 2;
}

WindowsJob.Run(JobOptions.Parse(File.ReadAllText(file)));
return 0;
